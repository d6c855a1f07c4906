package dev.kimi.gateway.face;

import dev.kimi.KimiClientBuilder;
import dev.kimi.starter.KimiClientCustomizer;

/** Lets the engine call back on the threads of its transport: nothing here blocks, so no other thread is needed. */
final class EngineCallbacks implements KimiClientCustomizer {

    @Override
    public void customize(KimiClientBuilder builder) {
        builder.callbackExecutor(Runnable::run);
    }
}
