package dev.kimi.batch;

import dev.kimi.spi.ProviderFactory;

/**
 * Makes batch windows from {@code kimi.batch.*}, chosen by name ({@code kimi.batch.window}); each {@code create} makes
 * one for one run. Built in: {@code fixed}, {@code littles-law}.
 */
public interface BatchWindowFactory extends ProviderFactory<BatchWindow> {}
