/** SPI: where credentials come from. */
@NullMarked
package dev.kimi.auth;

import org.jspecify.annotations.NullMarked;
