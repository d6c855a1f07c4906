package dev.kimi.internal.endpoint;

import dev.kimi.retry.RetryPolicy;
import java.util.random.RandomGenerator;

/**
 * How failed attempts at an endpoint are followed by others.
 *
 * @param policy what is worth trying again
 * @param replayOnIdleClose whether a request is sent again, once in a call, when a reused connection ended in good
 *     order before any byte of a response
 * @param random chance, for jitter
 */
public record RetrySettings(RetryPolicy policy, boolean replayOnIdleClose, RandomGenerator random) {}
