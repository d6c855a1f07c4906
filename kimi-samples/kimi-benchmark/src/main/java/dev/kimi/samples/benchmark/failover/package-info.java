/** What callers see when a service dies: calls that arrive whatever happens, a fault, and the recovery. */
@NullMarked
package dev.kimi.samples.benchmark.failover;

import org.jspecify.annotations.NullMarked;
