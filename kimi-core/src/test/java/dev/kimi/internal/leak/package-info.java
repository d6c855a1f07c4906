@NullMarked
package dev.kimi.internal.leak;

import org.jspecify.annotations.NullMarked;
