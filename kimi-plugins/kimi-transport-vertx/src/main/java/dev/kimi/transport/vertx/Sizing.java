package dev.kimi.transport.vertx;

import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import java.util.Locale;

/**
 * How many connections to one origin there may be, and how many of them are kept when nobody uses them.
 *
 * @param mode what the figures come from, unless they are set
 * @param maxConnections most connections
 * @param keepAlive most idle connections kept, or {@link #BY_LOAD}
 */
record Sizing(Mode mode, int maxConnections, int keepAlive) {

    /** As many idle connections are kept as {@link PoolLoad} says. */
    static final int BY_LOAD = 0;

    private static final int USUAL_MAX = 100;
    /** As many as a servlet server has that is not configured. */
    private static final int USUAL_THREADS = 200;

    private static final double PER_THREAD = 1.5;

    /** Where the figures come from. */
    enum Mode {
        AUTO,
        RATIO,
        FIXED
    }

    static Sizing of(ProviderSettings settings) {
        Mode mode = mode(settings);
        int threads = settings.positive("threads", USUAL_THREADS);
        int max = settings.positive(
                "max-connections", mode == Mode.RATIO ? (int) Math.ceil(PER_THREAD * threads) : USUAL_MAX);
        int keepAlive = switch (mode) {
            case AUTO -> BY_LOAD;
            case RATIO -> Math.max(1, max / 5);
            case FIXED -> PoolLoad.keepAlive(max, max, 1);
        };
        return new Sizing(mode, max, Math.min(max, settings.positive("keep-alive", keepAlive)));
    }

    private static Mode mode(ProviderSettings settings) {
        String value = settings.get("sizing", "auto").trim().toLowerCase(Locale.ROOT);
        return switch (value) {
            case "auto" -> Mode.AUTO;
            case "ratio" -> Mode.RATIO;
            case "fixed" -> Mode.FIXED;
            default ->
                throw new ConfigurationException(
                        settings.fullName("sizing"),
                        "The setting " + settings.fullName("sizing") + " has a value that is not known.",
                        "Write auto (connections follow the load), ratio (1.5 for each of "
                                + settings.fullName("threads") + ") or fixed.");
        };
    }

    boolean isByLoad() {
        return keepAlive == BY_LOAD;
    }

    /** How many idle connections are kept before there has been any load. */
    int keptAtRest() {
        return isByLoad() ? Math.min(maxConnections, PoolLoad.keepAlive(0, 0, 1)) : keepAlive;
    }

    /** For the log. */
    @Override
    public String toString() {
        return mode.name().toLowerCase(Locale.ROOT) + ": up to " + maxConnections + " connections to an origin, "
                + (isByLoad() ? "idle ones kept as the load needs" : "up to " + keepAlive + " idle ones kept");
    }
}
