/**
 * The engine, unmodified, in a simulated world: one thread, virtual time, and a transport, a quota, credentials and
 * callers that all draw what they do from one seed. One seed gives one schedule. {@link dev.kimi.sim.SimulationTest}
 * runs many of them.
 */
@NullMarked
package dev.kimi.sim;

import org.jspecify.annotations.NullMarked;
