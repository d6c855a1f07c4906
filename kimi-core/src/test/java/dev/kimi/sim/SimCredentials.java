package dev.kimi.sim;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.error.ServerException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Credentials that are there, late, failing, of an odd kind of stage, and replaced when the service rejects them. */
final class SimCredentials implements CredentialsProvider {

    private final World world;
    private final Chance chance;
    /** Percentage of requests for credentials in which something is not as usual. */
    private final int trouble;

    private final boolean renewable;
    private final Runnable asked;
    private int generation;
    private final String key;
    private Credentials current;

    /**
     * @param key what its keys begin with
     * @param calm whether they are always there
     * @param asked run whenever the engine asks
     */
    SimCredentials(World world, Chance chance, String key, boolean calm, Runnable asked) {
        this.asked = asked;
        this.key = key;
        this.current = Credentials.bearer(key + "-0");
        this.world = world;
        this.chance = chance;
        this.trouble = chance.oneIn(2) || calm ? 0 : chance.between(5, 100);
        this.renewable = chance.oneIn(2);
    }

    /** True when a failure to get credentials can be why a call is tried again. */
    boolean mayFail() {
        return trouble > 0;
    }

    /** Whether there are others when the service rejects them. */
    boolean renewable() {
        return renewable;
    }

    @Override
    public CompletionStage<Credentials> credentials() {
        asked.run();
        world.interleave(chance);
        if (!chance.percent(trouble)) {
            return CompletableFuture.completedFuture(current);
        }
        return switch (chance.below(8)) {
            case 0 -> CompletableFuture.completedStage(current);
            case 1 -> CompletableFuture.failedFuture(failure());
            case 2 -> throw new UnsupportedOperationException("a provider with a bug");
            case 3 -> late(failure());
            case 4 -> new CompletableFuture<>();
            default -> late(null);
        };
    }

    private CompletionStage<Credentials> late(@org.jspecify.annotations.Nullable Throwable failure) {
        CompletableFuture<Credentials> stage = new CompletableFuture<>();
        world.at(chance.millis(1, 20_000), () -> {
            world.check(!stage.isCancelled(), -1, "the engine cancelled a stage that others may wait for");
            if (failure == null) {
                stage.complete(current);
            } else {
                stage.completeExceptionally(failure);
            }
        });
        return stage;
    }

    private Throwable failure() {
        return switch (chance.below(4)) {
            case 0 -> new AuthenticationException("the token endpoint says no", KimiException.Details.NONE, null);
            case 1 -> new UnsupportedOperationException("a provider with a bug");
            default -> new ServerException("the token endpoint is down", KimiException.Details.NONE, null);
        };
    }

    @Override
    public boolean invalidate(Credentials rejected) {
        world.interleave(chance);
        if (renewable && rejected == current) {
            generation++;
            current = Credentials.bearer(key + "-" + generation);
        }
        return renewable;
    }
}
