@NullMarked
package dev.kimi.architecture.samples.tidy.chat;

import org.jspecify.annotations.NullMarked;
