@NullMarked
package dev.kimi.architecture.samples.tidy.internal.call;

import org.jspecify.annotations.NullMarked;
