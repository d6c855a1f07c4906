/** SPI: whether a failed attempt is worth another, and when. */
@NullMarked
package dev.kimi.retry;

import org.jspecify.annotations.NullMarked;
