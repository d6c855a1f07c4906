/** What every provider is built from. */
@NullMarked
package dev.kimi.spi;

import org.jspecify.annotations.NullMarked;
