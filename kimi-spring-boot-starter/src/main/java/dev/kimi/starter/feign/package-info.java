/** Feign clients whose calls are made by a {@link dev.kimi.KimiClient}. */
@NullMarked
package dev.kimi.starter.feign;

import org.jspecify.annotations.NullMarked;
