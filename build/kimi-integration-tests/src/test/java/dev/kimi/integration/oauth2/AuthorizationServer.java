package dev.kimi.integration.oauth2;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * A Spring Authorization Server on a free port of the loopback address, configured by properties alone, with one
 * client. Counts the requests for tokens, rejected ones included, and can reject them all.
 */
final class AuthorizationServer implements AutoCloseable {

    static final String CLIENT_ID = "my application";
    static final String CLIENT_SECRET = "s3cret +/%";

    /** The server says a second less, since it rounds down. */
    static final int TOKEN_SECONDS = 300;

    private static final String CLIENT = "spring.security.oauth2.authorizationserver.client.app.";

    private final ServletWebServerApplicationContext context;

    AuthorizationServer() {
        this(Map.of());
    }

    /** @param further clients that sign assertions: the algorithm of each, and where its public keys are */
    AuthorizationServer(Map<String, String> further) {
        List<String> settings = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.main.banner-mode=off",
                "--spring.autoconfigure.exclude=dev.kimi.starter.autoconfigure.KimiAutoConfiguration",
                "--" + CLIENT + "registration.client-id=" + CLIENT_ID,
                "--" + CLIENT + "registration.client-secret={noop}" + CLIENT_SECRET,
                "--" + CLIENT + "registration.client-authentication-methods=client_secret_basic,client_secret_post",
                "--" + CLIENT + "registration.authorization-grant-types=client_credentials",
                "--" + CLIENT + "registration.scopes=chat",
                "--" + CLIENT + "token.access-token-time-to-live=" + TOKEN_SECONDS + "s"));
        further.forEach((algorithm, jwkSetUri) -> {
            String client = CLIENT.replace("app.", algorithm + ".");
            settings.addAll(List.of(
                    "--" + client + "registration.client-id=" + algorithm,
                    "--" + client + "registration.client-authentication-methods=private_key_jwt",
                    "--" + client + "registration.authorization-grant-types=client_credentials",
                    "--" + client + "registration.scopes=chat",
                    "--" + client + "jwk-set-uri=" + jwkSetUri,
                    "--" + client + "token-endpoint-authentication-signing-algorithm=" + algorithm));
        });
        context = (ServletWebServerApplicationContext)
                new SpringApplicationBuilder(Server.class).run(settings.toArray(String[]::new));
    }

    String tokenUri() {
        return "http://127.0.0.1:" + context.getWebServer().getPort() + "/oauth2/token";
    }

    int tokenRequests() {
        return context.getBean(TokenRequests.class).count.get();
    }

    /** From now on every request for a token is rejected with 503, or none any more. */
    void down(boolean rejects) {
        context.getBean(TokenRequests.class).down = rejects;
    }

    /** Verifies signature, issuer and times. */
    Jwt verified(String token) {
        return context.getBean(JwtDecoder.class).decode(token);
    }

    @Override
    public void close() {
        context.close();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Server {

        @Bean
        TokenRequests tokenRequests() {
            return new TokenRequests();
        }

        @Bean
        FilterRegistrationBean<TokenRequests> aheadOfSecurity(TokenRequests filter) {
            FilterRegistrationBean<TokenRequests> registration = new FilterRegistrationBean<>(filter);
            registration.addUrlPatterns("/oauth2/token");
            registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
            return registration;
        }
    }

    static final class TokenRequests extends OncePerRequestFilter {

        private final AtomicInteger count = new AtomicInteger();
        private volatile boolean down;

        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            count.incrementAndGet();
            if (down) {
                response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            } else {
                chain.doFilter(request, response);
            }
        }
    }
}
