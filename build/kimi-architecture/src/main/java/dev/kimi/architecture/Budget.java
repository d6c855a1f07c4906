package dev.kimi.architecture;

/**
 * How many public top-level types a module may promise outside of its internal packages.
 *
 * @param module for the whole module
 * @param perPackage for each package
 */
public record Budget(int module, int perPackage) {

    /** For kimi-core, whose largest package has one exception per decision, and which offers gateways a package. */
    public static final Budget CORE = new Budget(80, 15);

    /**
     * For the starter: a Feign client for each protocol, six auto-configurations to order or exclude, factories over
     * Spring Retry and Spring Security.
     */
    public static final Budget STARTER = new Budget(17, 12);

    /**
     * For kimi-test: simulator, fakes, a kit for each extension point and for factories, three for transports, one for
     * gateways.
     */
    public static final Budget TEST = new Budget(22, 12);

    /** For kimi-typed, which has two packages: typed responses, and tools with their loop. */
    public static final Budget TYPED = new Budget(13, 7);

    /** For the gateway: what its packages agree on, and stores of keys that an application may bring. */
    public static final Budget GATEWAY = new Budget(24, 12);

    /** For a small module: the observability module and each plugin. */
    public static final Budget SMALL = new Budget(6, 6);
}
