/**
 * Contract kits: what every implementation of an SPI must do, as JUnit Jupiter classes to extend. They need
 * {@code junit-jupiter-api} on the class path, which this module does not bring along.
 */
@NullMarked
package dev.kimi.test.contract;

import org.jspecify.annotations.NullMarked;
