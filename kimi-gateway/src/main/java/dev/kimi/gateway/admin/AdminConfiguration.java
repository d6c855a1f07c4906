package dev.kimi.gateway.admin;

import dev.kimi.KimiClient;
import dev.kimi.gateway.key.VirtualKeys;
import dev.kimi.time.TimeSource;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AdminProperties.class)
final class AdminConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(AdminConfiguration.class);

    @Bean
    AdminFigures adminFigures(ObjectProvider<TimeSource> time) {
        return new AdminFigures(time.getIfAvailable(TimeSource::system));
    }

    /** Decided when the application runs, not when it is built ahead of time: address and token come from outside. */
    @Bean
    AdminFace adminFace(
            AdminProperties settings,
            AdminFigures figures,
            ObjectProvider<KimiClient> clients,
            VirtualKeys keys,
            ApplicationContext context) {
        TimeSource time = figures.time();
        SecureRandom random = new SecureRandom();
        AdminCredential credential = credential(settings, context.getEnvironment(), random);
        if (credential == null) {
            return AdminFace.off();
        }
        AdminGate gate = new AdminGate(credential, new AdminSessions(time, random), new LoginAttempts(time));
        AdminOverview overview = new AdminOverview(
                figures, () -> clients.orderedStream().distinct().toList());
        AdminWatchers watchers = new AdminWatchers(overview, gate);
        AdminRoutes routes = new AdminRoutes(gate, overview, watchers, new AdminKeys(keys, time));
        ObjectProvider<ReactorResourceFactory> server = context.getBeanProvider(ReactorResourceFactory.class);
        return new AdminFace(settings, routes.routes(), watchers, () -> {
            ReactorResourceFactory resources = server.getIfAvailable();
            return resources == null ? null : resources.getLoopResources();
        });
    }

    @Bean
    RouterFunction<ServerResponse> adminRoutes(AdminFace face) {
        return face.onGatewayPort();
    }

    private static @Nullable AdminCredential credential(
            AdminProperties settings, Environment environment, SecureRandom random) {
        CharSequence token = settings.getToken();
        if (!settings.isEnabled()) {
            return null;
        }
        if (token != null && !token.isEmpty()) {
            return AdminCredential.of(token);
        }
        String address = settings.getPort() == null ? environment.getProperty("server.address") : settings.getAddress();
        if (!isLoopback(address)) {
            LOG.info("No admin page: it would be reachable from other machines. Set kimi.gateway.admin.token, or"
                    + " kimi.gateway.admin.port for a page on a port of its own on this machine");
            return null;
        }
        String once = AdminSessions.random(random);
        LOG.warn(
                "kimi.gateway.admin.token is not set. Open /admin and log in with this token, which is good once: {}",
                once);
        return AdminCredential.once(once);
    }

    private static boolean isLoopback(@Nullable String address) {
        try {
            return address != null
                    && !address.isEmpty()
                    && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
