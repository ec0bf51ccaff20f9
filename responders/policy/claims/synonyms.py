"""Words that mean nearly the same in support language, forms of one verb, and words that deny another.

All tables are chosen by hand for help texts of many trades. A line is a group; its first word names the
concept. "!" marks a denial: "closed" counts as "not open". A word belongs to the last group that has it.
"""

from typing import Final

GROUPS: Final = """
delete deletion remove removal erase discard wipe
create generate creation
change edit modify amend alter adjust
cancel cancellation
start begin began begun beginning launch commence
stop end halt finish ending finished
open reopen !closed !close !shut
allow permit permission let lets enable-to permitted !forbid !forbidden !prohibit !prohibited !ban
include contain cover !exclude !exclusion
accept agree consent take-in !reject !decline !refuse !refusal
available offer accessible !unavailable
enable activate !disable !deactivate
connect pair link connection
valid !invalid
member membership
restore recover undelete recovery
replace exchange swap substitute
refund repay reimburse reimbursement
cost price charge fee bill surcharge rate pay paid payment payments payout payouts
receive get got gotten obtain
need require requirement necessary
use usage
keep kept store storage save retain retention stay remain
see saw seen view look display show shown showed visible appear
choose chose chosen choice select selection pick
press click tap hit push
send sent ship dispatch transmit
email e-mail e-mails emails mail mails
phone telephone hotline ring call
repair fix mend
tell told inform notify notification announce announced reported
ask request
answer reply respond response react reaction
permanent final irreversible
immediate immediately instant instantly promptly prompt
automatic automatically
current present
photo picture pictures photograph photography image images
document paper
film movie
trip journey
book reserve reservation booking
car vehicle
bicycle bike
large big
small little
faulty defective damage fault broken break broke breakage
late overdue
whole entire full complete
further additional extra
other different
admin administrator
employee staff worker
doctor physician
company firm organisation organization
colleague coworker
number amount quantity count
limit cap restrict restriction limitation !unlimited !unrestricted
exam
licence license
colour color
warn warning
move transfer
raise increase grow
reduce decrease lower
expire lapse expiry expiration
continue
repeat retry
fast quick rapid
approve approval confirm confirmation
decide settle decision determine
put place
responsible liable liability
separate apart
same identical
rent hire rental
search seek
invite invitation
publish publication
merge combine
check verify verification examine examination inspect inspection control test tests tested testing
try attempt
bag baggage luggage
cause reason
discount rebate
cheap inexpensive
expensive dear
switch turn
help assist assistance
sync synchronise synchronize
copy duplicate
register registration enrol enroll sign-in sign-up
detect detection
undo undone reverse revert
flat apartment
holiday vacation
lift elevator
contract agreement
parcel package
depend dependent subject-to
happen occur
work function
lend lent loan borrow
customer client
money cash
arrive arrival reach
correct right
wrong incorrect
sick ill illness
deliver delivery deliveries
sign signed signature
apply application
renew renewal
depart departure
lose lost loss
buy bought purchase
give gave given
take took taken
make made
do did done does
find found
hold held
leave left
sell sold
write wrote written
bring brought
come came
forget forgot forgotten
hide hid hidden
know knew known
run ran
spend spent
withdraw withdrew withdrawn withdrawal
go went gone
child children
person people
meet met
throw threw thrown
enter entry
entrance
extend extension prolong lengthen
missing absent
near nearby
reschedule rebook
trouble problem difficulty
voucher coupon
attach attachment enclose
listen hear heard
train training
teach taught
explain explanation
describe description
recommend recommendation
compare comparison
measure measurement
adjust adjustment
assign assignment allocate
complain complaint
prove proof evidence
identify identity identification
authorise authorize authorisation authorization
authenticate authentication
encrypt encryption
install installation
integrate integration
configure configuration config
customise customize
translate translation
calculate calculation compute
estimate estimation
interrupt interruption
sum total
owner own owned
supervise supervisor
lead leader
neighbour neighbor
centre center
programme program
tyre tire
favourite favorite
label tag
folder directory
link url
web website site
computer pc
mobile smartphone
drink beverage
medicine medication drug
tablet pill
injury injure injured
appoint appointment
spectacles glasses
operate operation
prescribe prescription
freeze frozen froze
heat heating heater
cool cooled
clean cleaning
wash washed
burn burnt
carry carriage
flight fly flew flown
passenger traveller traveler
parking park
street road
town city
abroad overseas
postcode zipcode
box carton
storm thunderstorm
cable cord
noise sound
prize award
competition contest
rule regulation
law legal
danger dangerous
safe safety
secure security
insurance insure insured
pension retire retirement
employ employment
grade mark
certificate diploma
university college
baby infant
disabled handicapped
marry married marriage
die died dead death
born birth
weight weigh
height high
length long
width wide
depth deep
collect pickup pick-up fetch collection
error mistake
course lesson
subscription subscribe
follow following subsequent next
annual annually
owe due payable
skip omit
beside alongside
compulsory mandatory obligatory
present gift
expert specialist
outside outdoors
inside indoors
chill chilled
warm warmly
quota allowance
exhaust exhausted
refresh update
recognise recognize
fasten mount mounted fix fixed
fail failure malfunction crash breakdown
text texts sms
rest remainder
premature early
hand handed
clear reset
empty emptied
seat seats
fine penalty
lead leash
vaccinate vaccination
treat treatment
adjourn postpone
advance ahead beforehand upfront
hurt injured
remind reminder
propose proposal
guarantee guaranteed
accompany accompanied
obligate obliged obligation
prefer preference
reject rejection
divide split
transport transportation
eat ate eaten
drive drove driven
drink drank drunk
sleep slept
wear wore worn
ride rode ridden
speak spoke spoken
swim swam swum
sing sang sung
stand stood
sit sat
win won
feel felt
fall fell fallen
rise rose risen
draw drew drawn
catch caught
think thought
feed fed
steal stole stolen
wake woke woken
tear tore torn
blow blew blown
build built
mean meant
light lit
lay laid
shoot shot
sweep swept
understand understood
shelf shelves
foot feet
tooth teeth
man men
woman women
knife knives
loaf loaves
mouse mice
analysis analyses
report reports reporting
"""
"""Groups of near-synonyms and of the irregular forms of a verb."""
