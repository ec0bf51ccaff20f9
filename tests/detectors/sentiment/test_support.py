"""A hand-labelled sanity set of support sentences, written for this test and never trained on.

Labels are the mood that a support agent would read: negative is dissatisfaction, worry or anger, even if
polite; neutral is a question, a request or a plain report; positive is thanks, praise or relief.
"""

import numpy as np
import pytest

from detectors.sentiment import SentimentModel, SentimentScore
from detectors.sentiment.measures import measures

NEGATIVE = """
This is unacceptable, third time the export failed and nobody answers
Your last update broke our whole labelling workflow and we lost two days of work.
I am really disappointed with the quality of the annotations we received.
We have been waiting for a reply for over a week now.
The training run crashed again after eleven hours. This is getting ridiculous.
Why am I still being charged after I cancelled? I want my money back.
Nothing works today, our annotators are sitting idle and we are losing money.
If this is not fixed by Friday we will move to another vendor.
Honestly the new review screen is terrible, everything takes twice as many clicks.
Your support keeps sending me the same article that does not help at all.
The labels from last week's batch are garbage, half of the boxes are on the wrong object.
We were promised this would be solved in March and it is still broken.
I have explained this four times already and I am tired of repeating myself.
The interface is painfully slow, it takes a minute to load one image.
Our deadline was yesterday and because of your outage we missed it.
I can't believe that a paid plan loses data without any warning.
Very frustrating experience, the import failed with no error message whatsoever.
You deleted our project without asking, and now the backup is gone too.
Another day, another failed job. We are paying for this?
This bug has cost us an entire sprint.
Sorry, but that answer is useless to me.
We are not happy with how this incident was handled.
It logs me out every ten minutes, I am going crazy here.
Your invoice is wrong again, and the last one has not been corrected either.
I regret upgrading to the business plan, the features we were shown do not exist.
Nobody told us that the API would be switched off, our pipeline is down because of it.
The consensus score makes no sense and your documentation does not explain it.
I want to speak to a manager, this has gone on long enough.
Please stop closing my ticket, the problem is not solved!
The annotators assigned to us clearly did not read the instructions.
It is the worst onboarding I have had with any software.
We cannot trust these results any more, the metrics change every time we reload.
My team hates the new editor.
I am worried that our data was exposed, and I have not heard anything from you.
Cancel our account. We have had enough.
Still broken.
This does not work at all.
The export is corrupt and we have a customer demo in one hour, please hurry!!
For what we pay I would expect someone to pick up the phone.
We lost all annotations of the night shift and I am quite upset about it.
The workaround you suggested made it even worse.
Why does every release break something that used to work?
I feel ignored, my last two messages were never answered.
The quality of your service has gone down a lot since last year.
GPU jobs sit in the queue for hours and then fail without a reason, this is a waste of our budget.
It is a shame, we liked the product until this month.
The password reset never arrives, I have been locked out since Monday and cannot do my job.
We are considering not renewing because of these repeated failures.
You double charged our card and refuse to refund it.
Unfortunately the fix did not help, it is exactly as bad as before.
"""

NEUTRAL = """
How do I export my labels in COCO format?
Where can I change the billing address of our organisation?
Please add three more seats to our plan.
Can reviewers see the comments of the annotators?
We would like to move our project to the EU region.
Is there a limit on the number of images per dataset?
The export of project 4711 stopped at 80 percent, log attached.
What is the difference between consensus and honeypot tasks?
I need an invoice for March with our VAT number on it.
Could you tell me how to invite an external contractor?
Which image formats are supported by the importer?
How long are training logs kept?
We are getting a 403 from the API when calling /v2/tasks with a read-only token.
Can I schedule a training run to start at night?
Please reset the two-factor authentication of user 1182.
Does the Python client support Python 3.12?
I would like to know when the next maintenance window takes place.
My colleague has left the company, how do I transfer his projects to me?
Attached you find the signed data processing agreement.
What do the colours in the quality dashboard mean?
How is inter-annotator agreement calculated?
We plan to label 20,000 images in June, which plan fits?
The webhook is configured for label.created, but we also need label.updated.
Can you send me the list of sub-processors?
Is it possible to import pre-annotations from our own model?
Please delete the dataset named test-old.
How do I set up single sign-on with Okta?
Where do I find my API key?
The model was trained on version 3 of the dataset, and we now want to retrain it on version 4.
Do you offer an annual payment option?
Can annotators work on a tablet?
I am writing on behalf of our procurement department about the renewal in September.
What happens to my data when the trial ends?
We use the on-premise version, 2.14.
Which ports have to be open for the connector?
How can I restrict exports to administrators?
Is there a keyboard shortcut for the polygon tool?
Please change the owner of our workspace to Maria.
The training job uses one GPU by default. How do I use two?
Could we get a copy of the SOC 2 report?
I have a question about the pricing of extra storage.
When does the new quota take effect?
We need the purchase order number on the invoice.
How do I compare two model versions side by side?
Can I merge two label classes after the project has started?
Is the audit log available over the API?
Our annotators are in three time zones, can the working hours be set per person?
Please confirm that the seat count is 45.
What is the maximum length of a video?
How do I roll back to an earlier dataset version?
"""

POSITIVE = """
Thank you so much, that solved it!
Great support as always, I really appreciate the quick answer.
The new editor is fantastic, our annotators love it.
It works perfectly now, thanks.
You saved our demo, thank you!
I just wanted to say that the onboarding session was excellent.
Wow, that was fast. Many thanks to the whole team.
The quality of the last batch was outstanding.
We are very happy with the results so far.
Brilliant, exactly what we needed.
Training finished two hours earlier than expected, we are impressed.
Thanks for the clear explanation, now I understand it.
Everything is running smoothly since the update.
Kudos to Anna, she was incredibly helpful and patient.
This is the best labelling tool that we have used.
Glad to see that dark mode finally arrived, it looks beautiful.
I am so relieved that you could restore the project.
Perfect, the import went through without any problem.
Our review time dropped by half, amazing work!
Thanks a lot for going the extra mile on this one.
The new dashboard makes my life so much easier.
Awesome, the webhook fires now.
Good news, the fix works on our side.
We love the keyboard shortcuts, please keep them coming.
Thank you for your patience with my many questions.
That is wonderful, I did not expect a fix on a Sunday.
Really nice improvement to the search.
My compliments to the developers, the API is a joy to use.
We renewed for another two years because your support is that good.
I appreciate your honesty about the delay.
Super helpful, thank you!
The documentation is excellent, I found everything within minutes.
Looking forward to working with you for another year.
Yes, it is solved. You are the best!
The annotators did a great job on the night scenes.
Happy to confirm that the export is complete and correct.
Thanks, much better now.
I was sceptical at first, but the auto-labelling is really impressive.
Your quick reaction yesterday made a very good impression on our management.
The migration went smoothly, thanks to your team.
Excellent, that is a huge time saver for us.
We could not be more pleased with the agreement scores.
Fantastic news about the new region, thank you!
What a great feature, well done.
Appreciate the heads-up about the maintenance.
I'm delighted with how easy the setup was.
Many thanks, problem solved.
The training was fun and we learned a lot.
Thank you for fixing this so quickly.
It is a pleasure to work with such a responsive team.
"""


@pytest.fixture(scope="module")
def model() -> SentimentModel:
    return SentimentModel.load()


@pytest.fixture(scope="module")
def scores(model: SentimentModel) -> list[SentimentScore]:
    return model.score(texts())


def texts() -> list[str]:
    return [line for block in (NEGATIVE, NEUTRAL, POSITIVE) for line in block.strip().splitlines()]


def test_no_support_sentence_is_refused(scores: list[SentimentScore]) -> None:
    assert len(scores) == 150
    assert {score.abstained for score in scores} <= {None, "uncertain"}
    assert sum(score.abstained is not None for score in scores) <= 8


def test_moods_of_support_sentences_are_read(scores: list[SentimentScore]) -> None:
    probabilities = np.array([score.probabilities for score in scores])
    found = measures(probabilities, np.repeat(np.arange(3), 50))
    assert found["accuracy"] >= 0.85
    assert found["macro_f1"] >= 0.85
    assert found["auc_negative"] >= 0.96


def test_anger_is_never_called_praise(scores: list[SentimentScore]) -> None:
    """One sentence leans towards praise with 0.62, below the confidence from which a mood is given."""
    assert [score for score in scores[:50] if score.label == "positive"] == []
    assert [score for score in scores[:50] if score.probabilities and score.probabilities[2] > 0.65] == []


def test_frustration_separates_complaints_from_the_rest(scores: list[SentimentScore]) -> None:
    levels = np.array([score.frustration for score in scores])
    assert (levels[:50] >= 0.5).mean() >= 0.25
    assert (levels[50:] >= 0.5).mean() <= 0.08
