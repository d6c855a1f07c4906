/** SPI: how bytes reach the service. */
@NullMarked
package dev.kimi.transport;

import org.jspecify.annotations.NullMarked;
