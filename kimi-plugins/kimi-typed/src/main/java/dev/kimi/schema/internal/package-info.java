/** Schemas of types, and values of types. */
@NullMarked
package dev.kimi.schema.internal;

import org.jspecify.annotations.NullMarked;
