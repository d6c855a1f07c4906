/** Schemas of types, and values of types. */
@NullMarked
package dev.kimi.typed.internal;

import org.jspecify.annotations.NullMarked;
