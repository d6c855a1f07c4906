/** SPI: account limits, reserved before a call is sent and settled after it. */
@NullMarked
package dev.kimi.quota;

import org.jspecify.annotations.NullMarked;
