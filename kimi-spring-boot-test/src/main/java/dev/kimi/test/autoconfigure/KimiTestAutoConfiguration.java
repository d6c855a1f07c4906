package dev.kimi.test.autoconfigure;

import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import dev.kimi.test.KimiSimulator;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.core.type.AnnotationMetadata;

/** The simulator and the clock of a test with {@link AutoConfigureKimi}. */
@AutoConfiguration(before = KimiAutoConfiguration.class, after = KimiServiceConnectionAutoConfiguration.class)
@Import(KimiTestAutoConfiguration.Registrar.class)
public final class KimiTestAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean({TimeSource.class, Timer.class})
    KimiTestClock kimiTestClock() {
        return new KimiTestClock();
    }

    @Bean
    @Conditional(NothingToConnectTo.class)
    KimiSimulator kimiSimulator(ObjectProvider<TimeSource> source, ObjectProvider<Timer> timer) {
        KimiSimulator.Builder builder = KimiSimulator.builder();
        source.ifUnique(clock -> timer.ifUnique(timers -> builder.time(clock, timers)));
        return builder.start();
    }

    /** Connects the simulator above, and one that a test has without an annotation: nothing goes to the service. */
    static final class Registrar implements ImportBeanDefinitionRegistrar {

        private final BeanFactory beans;

        Registrar(BeanFactory beans) {
            this.beans = beans;
        }

        @Override
        public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
            new SimulatorConnections((ConfigurableListableBeanFactory) beans, registry).registerOther();
        }
    }

    static final class NothingToConnectTo extends SpringBootCondition implements ConfigurationCondition {

        @Override
        public ConfigurationPhase getConfigurationPhase() {
            return ConfigurationPhase.REGISTER_BEAN;
        }

        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            ConditionMessage.Builder message = ConditionMessage.forCondition("Kimi simulator");
            ConfigurableListableBeanFactory beans = context.getBeanFactory();
            if (beans != null && new SimulatorConnections(beans, context.getRegistry()).isForAll()) {
                return ConditionOutcome.noMatch(message.because("the clients are connected already"));
            }
            return ConditionOutcome.match(message.because("nothing else is there to connect all clients to"));
        }
    }
}
