package dev.sluice.workflow;

/**
 * Every error that Sluice reports by itself. Each has a page {@code errors/<code>.md} in the resources, printed by
 * {@code sluice explain <code>} and served at {@code /v1/errors/<code>}.
 *
 * <p>SL1 start and configuration, SL2 requests, SL3 workflow documents, SL4 steps and functions, SL5 inference, SL9
 * defects of Sluice itself.
 */
public enum Code {
    SL1001(500, "Port taken"),
    SL1002(500, "Data directory not writable"),
    SL1003(500, "Data directory in use"),
    SL1004(500, "Redis may lose what it accepted"),
    SL1005(500, "Redis not reachable"),
    SL1006(500, "No redis-server"),
    SL1007(500, "Configuration not valid"),
    SL1010(503, "Replicas have not confirmed it"),
    SL1011(503, "Redis is full"),
    SL1012(503, "Redis takes no writes"),
    SL1013(500, "Redis too old"),
    SL1015(500, "Window not valid"),
    SL1016(500, "Function's address not valid"),
    SL1017(500, "HTTP version not known"),

    SL2001(404, "Unknown workflow"),
    SL2002(404, "Unknown run"),
    SL2004(400, "Malformed JSON"),
    SL2005(400, "No file in the upload"),
    SL2006(413, "Request too large"),
    SL2007(400, "Malformed CloudEvent"),
    SL2008(422, "No workflow takes this event"),
    SL2009(422, "Idempotency key used for another input"),
    SL2010(422, "Empty file"),
    SL2011(422, "Input does not match the workflow's schema"),
    SL2012(415, "Media type not supported"),
    SL2013(404, "No such resource"),
    SL2014(400, "Parameter not valid"),
    SL2015(404, "Unknown payload"),
    SL2016(503, "Redis does not answer"),
    SL2017(403, "Request from another site"),
    SL2018(409, "Workflow name not unique"),
    SL2019(409, "Not possible in the run's state"),
    SL2020(422, "No such step to go back to"),
    SL2021(409, "Run cannot be moved to that revision"),
    SL2022(404, "Approval link not valid"),
    SL2023(409, "Answered already"),
    SL2024(410, "Too late to answer"),
    SL2025(429, "Too many signals"),

    SL2030(404, "Workflow has no schedule"),
    SL2031(409, "Workflow starts by events alone"),
    SL2032(429, "Too many events wait"),
    SL2033(422, "Too many partitions"),
    SL2034(429, "Queue is full"),
    SL2035(429, "Redis is nearly full"),
    SL2036(503, "Payloads not reachable"),

    SL2040(404, "Unknown dead letter"),
    SL2041(409, "Dead letter cannot be redriven"),
    SL2042(404, "Unknown clearing"),
    SL2043(429, "Too many clearings"),
    SL2044(500, "Entry cannot be processed"),

    SL3001(422, "Workflow document not valid"),
    SL3002(422, "Not supported yet"),
    SL3003(400, "Expression failed"),
    SL3004(400, "Queue terms not usable"),

    SL4001(422, "Kind of document not supported"),
    SL4002(422, "Document is protected by a password"),
    SL4003(422, "Document is damaged"),
    SL4004(422, "Document expands beyond the limit"),
    SL4005(422, "Document holds no text"),
    SL4006(422, "Document too large"),
    SL4007(404, "Document not found"),
    SL4008(422, "Step input not valid"),
    SL4010(503, "Function not reachable"),
    SL4011(408, "Attempt timed out"),
    SL4012(502, "Function answered with an error"),
    SL4013(502, "Function's answer not usable"),
    SL4014(500, "Attempt lost too often"),
    SL4015(502, "HTTP call failed"),
    SL4016(401, "No access token"),
    SL4017(403, "Address not allowed"),
    SL4018(422, "OpenAPI document not usable"),
    SL4019(403, "Secret not available"),
    SL4020(408, "Timed out"),
    SL4021(409, "Run was cancelled"),
    SL4022(404, "Token of no attempt"),
    SL4023(409, "Attempt is over"),
    SL4024(400, "Result cannot be used"),
    SL4025(502, "Event not taken by the sink"),
    SL4040(503, "Function's name not known"),
    SL4041(502, "No TLS with the function"),
    SL4042(502, "Function does not speak HTTP"),
    SL4043(502, "Function broke off"),

    SL5001(503, "Model endpoint not reachable"),
    SL5002(502, "Model endpoint answered with an error"),
    SL5003(502, "Model's answer not usable"),
    SL5004(429, "Model endpoint is limiting requests"),
    SL5005(500, "Model not configured"),
    SL5006(504, "Model endpoint timed out"),
    SL5007(402, "Budget used up"),
    SL5009(400, "Prompt too long"),
    SL5010(422, "Stopped by a content filter"),

    SL9001(500, "Defect in Sluice");

    private final int status;
    private final String title;

    Code(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The HTTP status that says the same, 400 to 599. */
    public int status() {
        return status;
    }

    /** A few words, the same for every occurrence. */
    public String title() {
        return title;
    }
}
