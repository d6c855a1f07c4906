package dev.kimi.internal.call;

import dev.kimi.event.CallObserver;
import dev.kimi.internal.endpoint.Router;
import dev.kimi.internal.leak.CallMade;

/**
 * What a call is made of besides what it asks for.
 *
 * @param owner who keeps it while it is under way
 * @param settings those of all calls of the client
 * @param router where it goes on when it fails at one endpoint
 * @param consumer where its response goes
 * @param observer notified of what happens to it
 * @param made where the program made it
 */
record CallParts(
        CallOwner owner,
        EngineSettings settings,
        Router router,
        ResponseConsumer consumer,
        CallObserver observer,
        CallMade made) {}
