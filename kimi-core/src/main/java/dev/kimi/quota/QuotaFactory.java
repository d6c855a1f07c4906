package dev.kimi.quota;

import dev.kimi.spi.ProviderFactory;

/** Makes quotas from {@code kimi.quota.*}, chosen by name ({@code kimi.quota.provider}). Built in: {@code local}. */
public interface QuotaFactory extends ProviderFactory<Quota> {}
