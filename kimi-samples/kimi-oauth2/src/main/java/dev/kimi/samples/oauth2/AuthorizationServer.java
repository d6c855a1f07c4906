package dev.kimi.samples.oauth2;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/** A Spring Authorization Server on the loopback address. Your application does not need this class. */
final class AuthorizationServer implements AutoCloseable {

    static final String CLIENT_ID = "my-application";
    static final String CLIENT_SECRET = "not a secret";

    private static final String CLIENT = "--spring.security.oauth2.authorizationserver.client.app.";

    private final ConfigurableApplicationContext context = new SpringApplicationBuilder(Server.class)
            .run(
                    "--server.port=0",
                    "--server.address=127.0.0.1",
                    "--spring.main.banner-mode=off",
                    "--logging.level.root=error",
                    CLIENT + "registration.client-id=" + CLIENT_ID,
                    CLIENT + "registration.client-secret={noop}" + CLIENT_SECRET,
                    CLIENT + "registration.client-authentication-methods=client_secret_basic",
                    CLIENT + "registration.authorization-grant-types=client_credentials",
                    CLIENT + "registration.scopes=chat",
                    CLIENT + "token.access-token-time-to-live=1h");
    private final JwtDecoder decoder = context.getBean(JwtDecoder.class);
    private volatile @Nullable String revoked;
    private volatile @Nullable String latest;

    String tokenUri() {
        return "http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port")
                + "/oauth2/token";
    }

    int tokenRequests() {
        return context.getBean(TokenRequests.class).count.get();
    }

    /** What a service looks at: signature, times, scope, and here whether it was revoked. */
    boolean accepts(String token) {
        try {
            Jwt jwt = decoder.decode(token);
            latest = token;
            List<String> scopes = jwt.getClaimAsStringList("scope");
            return !token.equals(revoked) && scopes != null && scopes.contains("chat");
        } catch (JwtException e) {
            return false;
        }
    }

    void revokeAll() {
        revoked = latest;
    }

    @Override
    public void close() {
        context.close();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static final class Server {

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

    /** Prints the requests for tokens, and how long each token is good. */
    static final class TokenRequests extends OncePerRequestFilter {

        private static final Pattern LIFETIME = Pattern.compile("\"expires_in\"\\s*:\\s*(\\d+)");

        private final AtomicInteger count = new AtomicInteger();

        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            count.incrementAndGet();
            System.out.println("  client -> authorization server  POST /oauth2/token, grant client_credentials");
            ContentCachingResponseWrapper seen = new ContentCachingResponseWrapper(response);
            chain.doFilter(request, seen);
            Matcher lifetime = LIFETIME.matcher(new String(seen.getContentAsByteArray(), StandardCharsets.UTF_8));
            System.out.println("  authorization server -> client  " + seen.getStatus()
                    + (lifetime.find() ? ", expires in " + lifetime.group(1) + " s" : ""));
            seen.copyBodyToResponse();
        }
    }
}
