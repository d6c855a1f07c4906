@NullMarked
package dev.kimi.architecture.samples.tidy.autoconfigure;

import org.jspecify.annotations.NullMarked;
