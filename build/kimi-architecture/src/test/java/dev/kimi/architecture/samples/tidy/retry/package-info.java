@NullMarked
package dev.kimi.architecture.samples.tidy.retry;

import org.jspecify.annotations.NullMarked;
