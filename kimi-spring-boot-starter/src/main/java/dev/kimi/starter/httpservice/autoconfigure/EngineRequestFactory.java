package dev.kimi.starter.httpservice.autoconfigure;

import dev.kimi.starter.internal.ClientHosts;
import java.net.URI;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;

/** Lets clients carry what Spring sends. The host of the URL is the name of the client. */
final class EngineRequestFactory implements ClientHttpRequestFactory {

    private final ClientHosts hosts;

    EngineRequestFactory(ClientHosts hosts) {
        this.hosts = hosts;
    }

    ClientHosts hosts() {
        return hosts;
    }

    @Override
    public ClientHttpRequest createRequest(URI url, HttpMethod method) {
        return new EngineRequest(hosts.find(url), url, method);
    }
}
