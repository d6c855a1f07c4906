/** Finds what the program dropped without closing it. */
@NullMarked
package dev.kimi.internal.leak;

import org.jspecify.annotations.NullMarked;
