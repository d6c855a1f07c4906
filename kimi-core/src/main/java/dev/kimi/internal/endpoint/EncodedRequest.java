package dev.kimi.internal.endpoint;

import dev.kimi.transport.Headers;
import dev.kimi.transport.RequestBody;

/**
 * A request in the form of one endpoint's protocol, lacking only the credentials, which each attempt has its own of.
 *
 * @param method HTTP method
 * @param path path and query below the base URL
 * @param headers headers besides credentials
 * @param body the body, empty for none
 * @param accept what kind of response it asks for, unless the caller set that header
 * @param mark what a response to it is marked with
 */
public record EncodedRequest(
        String method, String path, Headers headers, RequestBody body, String accept, ResponseMark mark) {

    /** The same request with another object for its body. */
    public EncodedRequest with(RequestBody other) {
        return new EncodedRequest(method, path, headers, other, accept, mark);
    }
}
