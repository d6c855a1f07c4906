package dev.kimi.transport;

import dev.kimi.spi.ProviderFactory;

/**
 * Makes transports from {@code kimi.transport.*}, chosen by name ({@code kimi.transport.provider}). Whoever calls
 * {@code create} closes what it returns.
 */
public interface TransportFactory extends ProviderFactory<Transport> {}
