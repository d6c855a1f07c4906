/** Bounded JSON reading and writing; the only package that knows the JSON library. Internal: may change any time. */
@NullMarked
package dev.kimi.internal.json;

import org.jspecify.annotations.NullMarked;
