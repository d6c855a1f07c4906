/** Calls of a {@link dev.kimi.KimiClient} as Micrometer meters and observations. */
@NullMarked
package dev.kimi.observability;

import org.jspecify.annotations.NullMarked;
