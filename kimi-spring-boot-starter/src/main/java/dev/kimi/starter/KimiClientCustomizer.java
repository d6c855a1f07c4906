package dev.kimi.starter;

import dev.kimi.KimiClientBuilder;

/**
 * Has the last word on how a client is made. A bean of this type is applied to every client; one whose name or
 * qualifier is the name of a client, to that one. Several are applied in their order.
 *
 * <p>Where calls of one client go on at another, by {@code kimi.failover}, the customizers of that other are applied to
 * the description of its endpoint as well: once more for each client that names it. Of what they set there, what
 * describes an endpoint counts; see {@link KimiClientBuilder#failover}.
 */
@FunctionalInterface
public interface KimiClientCustomizer {

    /**
     * Changes the builder, which has been given all settings and beans.
     *
     * @param builder the builder of one client; not to be kept
     */
    void customize(KimiClientBuilder builder);
}
