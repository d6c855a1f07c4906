@NullMarked
package dev.kimi.architecture.samples.tidy;

import org.jspecify.annotations.NullMarked;
