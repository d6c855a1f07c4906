package dev.kimi.gateway.call;

/**
 * Is notified of each call, in this order: started, admitted, responded, firstByte, ended; those that a call does not
 * come to are left out, but for started and ended, which each call has exactly once. Called on threads that must not be
 * blocked; must not throw.
 */
public interface GatewayListener {

    /** A request has come; path and protocol are known, its body need not be. */
    default void started(GatewayCall call) {}

    /** Its key may make the call. */
    default void admitted(GatewayCall call) {}

    /** An endpoint has responded. */
    default void responded(GatewayCall call) {}

    /** The first byte of the body goes to the client, pings not counted. */
    default void firstByte(GatewayCall call) {}

    /** Bytes of the body of a stream went to the client. */
    default void bytes(GatewayCall call, int count) {}

    /** It is over. */
    default void ended(GatewayCall call) {}
}
