@NullMarked
package dev.kimi.architecture.samples.tidy.internal.json;

import org.jspecify.annotations.NullMarked;
