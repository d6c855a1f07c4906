/** A conversation with tools that goes on at Claude while Kimi is down, and returns. */
@NullMarked
package dev.kimi.samples.failover;

import org.jspecify.annotations.NullMarked;
