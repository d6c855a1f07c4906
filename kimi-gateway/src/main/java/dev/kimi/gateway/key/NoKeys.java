package dev.kimi.gateway.key;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The keys of a gateway without a store. */
final class NoKeys implements VirtualKeys {

    @Override
    public boolean configured() {
        return false;
    }

    @Override
    public List<VirtualKey> list() {
        return List.of();
    }

    @Override
    public KeyUsage usage(String id) {
        return KeyUsage.NONE;
    }

    @Override
    public CompletionStage<IssuedKey> issue(VirtualKey.Terms terms) {
        return noStore();
    }

    @Override
    public CompletionStage<VirtualKey> change(String id, VirtualKey.Terms terms) {
        return noStore();
    }

    @Override
    public CompletionStage<IssuedKey> rotate(String id, Duration overlap) {
        return noStore();
    }

    @Override
    public CompletionStage<VirtualKey> revoke(String id) {
        return noStore();
    }

    private static <T> CompletionStage<T> noStore() {
        return CompletableFuture.failedFuture(new IllegalStateException("This gateway keeps no keys, and anybody may"
                + " call. Set kimi.gateway.keys.file, or spring.datasource.url for several gateways."));
    }
}
