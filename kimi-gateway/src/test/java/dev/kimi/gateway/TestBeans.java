package dev.kimi.gateway;

import dev.kimi.gateway.face.FaceTestBeans;
import dev.kimi.gateway.face.Places;
import dev.kimi.time.VirtualTime;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/** Puts in what tests need in place of the gateway's own. */
record TestBeans(VirtualTime time, CallRecorder calls, Places places)
        implements ApplicationContextInitializer<GenericApplicationContext> {

    @Override
    public void initialize(GenericApplicationContext context) {
        FaceTestBeans.register(context, time, places);
        context.registerBean(CallRecorder.class, () -> calls);
    }
}
