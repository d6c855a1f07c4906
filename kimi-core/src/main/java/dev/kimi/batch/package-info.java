/** SPI: how many calls of a bulk run may be in flight. */
@NullMarked
package dev.kimi.batch;

import org.jspecify.annotations.NullMarked;
