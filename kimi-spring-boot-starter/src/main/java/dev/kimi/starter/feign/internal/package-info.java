/** How a Feign client sends its requests through a {@link dev.kimi.KimiClient}. */
@NullMarked
package dev.kimi.starter.feign.internal;

import org.jspecify.annotations.NullMarked;
