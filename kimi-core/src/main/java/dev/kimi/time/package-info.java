/** Time, timers and timeouts; the only place that reads a clock. */
@NullMarked
package dev.kimi.time;

import org.jspecify.annotations.NullMarked;
