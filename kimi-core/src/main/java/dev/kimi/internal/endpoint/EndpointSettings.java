package dev.kimi.internal.endpoint;

import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.Protocol;
import java.net.URI;

/**
 * What an endpoint is given once.
 *
 * @param name its name in events and responses
 * @param baseUri scheme, host, port and perhaps a path prefix
 * @param protocol how requests are written and responses read
 * @param ownFields whether fields that callers give without a protocol are meant for this one
 * @param models what models are called there
 * @param cards what is known of models there
 * @param userAgent who sends, for the service's logs
 * @param booking what the service counts against the limits of the account
 * @param retry how failed attempts are followed by others
 */
public record EndpointSettings(
        String name,
        URI baseUri,
        Protocol protocol,
        boolean ownFields,
        ModelNames models,
        ModelCards cards,
        String userAgent,
        BookingPolicy booking,
        RetrySettings retry) {}
