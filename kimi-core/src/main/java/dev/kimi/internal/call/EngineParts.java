package dev.kimi.internal.call;

import dev.kimi.auth.CredentialsProvider;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.transport.Transport;

/**
 * The providers that an engine works with.
 *
 * @param protocol how requests are written and answers read
 * @param transport how bytes travel
 * @param ownsTransport true when closing the engine closes the transport
 * @param credentials where credentials come from
 * @param retryPolicy what is worth trying again
 * @param replayOnIdleClose whether a request is sent again, once in a call, when a reused connection ended in good
 *     order before any byte of a response
 * @param quota what may be sent when
 * @param userAgent who sends, for the service's logs
 */
public record EngineParts(
        Protocol protocol,
        Transport transport,
        boolean ownsTransport,
        CredentialsProvider credentials,
        RetryPolicy retryPolicy,
        boolean replayOnIdleClose,
        Quota quota,
        String userAgent) {}
