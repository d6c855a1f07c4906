@NullMarked
package dev.kimi.architecture.samples.tidy.error;

import org.jspecify.annotations.NullMarked;
