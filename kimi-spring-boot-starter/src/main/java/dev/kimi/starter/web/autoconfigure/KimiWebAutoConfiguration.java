package dev.kimi.starter.web.autoconfigure;

import dev.kimi.starter.web.KimiProblems;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JacksonModule;

/**
 * What leaves the application: failed calls as problem details, unless {@code kimi.web.problem-details.enabled} is
 * false, and the types of the chat model as JSON. Both also hold with {@code kimi.enabled=false}, since a client can be
 * a bean of the application, as in tests.
 */
@AutoConfiguration
public final class KimiWebAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(JacksonModule.class)
    static final class Json {

        @Bean
        KimiJson kimiJson() {
            return new KimiJson();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication
    @ConditionalOnClass(ErrorResponse.class)
    static final class Problems {

        @Bean
        @ConditionalOnMissingBean
        KimiProblems kimiProblems() {
            return KimiProblems.standard();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.SERVLET)
    @ConditionalOnClass({ErrorResponse.class, HttpServletResponse.class})
    @ConditionalOnBooleanProperty(name = "kimi.web.problem-details.enabled", matchIfMissing = true)
    static final class Servlet {

        @Bean
        ServletProblems kimiServletProblems(KimiProblems problems, MessageSource messages) {
            return new ServletProblems(problems, messages);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.REACTIVE)
    @ConditionalOnClass({ServerWebExchange.class, Mono.class})
    @ConditionalOnBooleanProperty(name = "kimi.web.problem-details.enabled", matchIfMissing = true)
    static final class Reactive {

        @Bean
        ReactiveProblems kimiReactiveProblems(KimiProblems problems, MessageSource messages) {
            return new ReactiveProblems(problems, messages);
        }
    }
}
