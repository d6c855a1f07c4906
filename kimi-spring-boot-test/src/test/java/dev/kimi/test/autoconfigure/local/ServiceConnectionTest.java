package dev.kimi.test.autoconfigure.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.KimiClient;
import dev.kimi.error.ConfigurationException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.autoconfigure.KimiServiceConnection;
import dev.kimi.test.autoconfigure.app.Application;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** A simulator that is a bean, in an application that is started as in local development. */
@Timeout(60)
class ServiceConnectionTest {

    @Test
    void an_application_is_developed_against_it_without_a_key() {
        KimiSimulator simulator;
        try (ConfigurableApplicationContext context = SpringApplication.from(Application::main)
                .with(ApplicationForDevelopment.Simulated.class)
                .run("--kimi.base-url=https://real.example")
                .getApplicationContext()) {
            simulator = context.getBean(KimiSimulator.class);
            context.getBean(KimiClient.class).chat("Hi");

            assertThat(simulator.requests()).hasSize(1);
        }
        assertThat(simulator.openConnections()).isZero();
    }

    @Test
    void spring_boot_s_own_annotation_does_the_same() {
        assertThat(requests(ByBoot.class)).containsExactly(1, 0);
    }

    @Test
    void one_client_can_be_connected() {
        assertThat(requests(ForSecond.class, "--kimi.clients.second.model=kimi-k3", "--ASSISTANT_KEY=sk-test"))
                .containsExactly(0, 1);
    }

    @Test
    void so_it_can_by_spring_boot_s_annotation() {
        assertThat(requests(ForSecondByBoot.class, "--kimi.clients.second.model=kimi-k3", "--ASSISTANT_KEY=sk-test"))
                .containsExactly(0, 1);
    }

    @Test
    void one_that_is_not_annotated_is_not_connected() {
        assertThat(requests(NotAnnotated.class, "--ASSISTANT_KEY=sk-test")).containsExactly(0, 0);
    }

    @Test
    void a_client_that_does_not_exist_stops_the_start() {
        assertThatThrownBy(() -> requests(ForSecond.class, "--ASSISTANT_KEY=sk-test"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("connected to the client 'second', which does not exist")
                .hasMessageContaining("Name one of those that exist: default.");
    }

    /** How many requests of the default client and of the second one reach the simulator. */
    private static List<Integer> requests(Class<?> simulated, String... args) {
        try (ConfigurableApplicationContext context = SpringApplication.from(Application::main)
                .with(simulated)
                .run(args)
                .getApplicationContext()) {
            KimiSimulator simulator = context.getBean(KimiSimulator.class);
            return List.of("kimiClient", "secondKimiClient").stream()
                    .map(client -> {
                        simulator.reset();
                        if (context.containsBean(client)
                                && context.getBean(client, KimiClient.class)
                                        .baseUrl()
                                        .toString()
                                        .equals(simulator.baseUrl())) {
                            context.getBean(client, KimiClient.class).chat("Hi");
                        }
                        return simulator.requests().size();
                    })
                    .toList();
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class ByBoot {

        @Bean
        @ServiceConnection
        KimiSimulator simulator() {
            return KimiSimulator.start();
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class ForSecond {

        @Bean
        @KimiServiceConnection("second")
        KimiSimulator simulator() {
            return KimiSimulator.start();
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class ForSecondByBoot {

        @Bean
        @ServiceConnection("second")
        KimiSimulator simulator() {
            return KimiSimulator.start();
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class NotAnnotated {

        @Bean
        KimiSimulator simulator() {
            return KimiSimulator.start();
        }
    }
}
