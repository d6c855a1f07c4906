package dev.kimi.relay;

import dev.kimi.service.ModelCard;

/**
 * An endpoint that a relayed request is about to go to.
 *
 * @param endpoint the name of the endpoint
 * @param protocol the protocol that it speaks: {@link dev.kimi.chat.Provenance#OPENAI} or
 *     {@link dev.kimi.chat.Provenance#ANTHROPIC}
 * @param service host, port unless it is the scheme's own, and path of its base URL
 * @param model the model, as this service calls it
 * @param card what is known of that model
 */
public record RelayTarget(String endpoint, String protocol, String service, String model, ModelCard card) {}
