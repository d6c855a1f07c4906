/**
 * The engine: the only place that sends, waits, retries and cancels. {@link dev.kimi.internal.call.Call} is the state
 * machine of one call; everything else here serves it.
 */
@NullMarked
package dev.kimi.internal.call;

import org.jspecify.annotations.NullMarked;
