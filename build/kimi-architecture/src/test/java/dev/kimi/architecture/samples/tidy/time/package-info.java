@NullMarked
package dev.kimi.architecture.samples.tidy.time;

import org.jspecify.annotations.NullMarked;
