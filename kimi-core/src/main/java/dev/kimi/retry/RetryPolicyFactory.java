package dev.kimi.retry;

import dev.kimi.spi.ProviderFactory;

/**
 * Makes retry policies from {@code kimi.retry.*}, chosen by name ({@code kimi.retry.preset}). Built in:
 * {@code standard}, {@code classic}, {@code never}.
 */
public interface RetryPolicyFactory extends ProviderFactory<RetryPolicy> {}
