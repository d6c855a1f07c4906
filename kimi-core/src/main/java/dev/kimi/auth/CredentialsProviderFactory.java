package dev.kimi.auth;

import dev.kimi.spi.ProviderFactory;

/**
 * Makes credentials providers from {@code kimi.auth.*}, chosen by name ({@code kimi.auth.provider}). Built in:
 * {@code api-key}. A provider that is {@link AutoCloseable} is closed with the client.
 */
public interface CredentialsProviderFactory extends ProviderFactory<CredentialsProvider> {}
